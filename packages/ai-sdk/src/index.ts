export { type ARouterProvider, type ARouterProviderOptions, createARouter } from './createARouter'
