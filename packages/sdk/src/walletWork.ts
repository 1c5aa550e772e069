// What a wallet does is rare, so all of it is one chunk, loaded when the gateway first asks for it.
export { createEngine } from './payment/engine'
export { distrust, renew } from './session/renew'
export { answerOffer } from './siwx/answerOffer'
export { authenticate } from './siwx/authenticate'
