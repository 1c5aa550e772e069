export { type PhantomProvider, phantomSigner } from './phantomSigner'
