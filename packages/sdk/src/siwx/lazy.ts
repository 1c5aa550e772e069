// Signing in is rare, so all of it is one chunk, loaded when first needed.
export { answerOffer } from './answerOffer'
export { authenticate } from './authenticate'
