export { fileStore } from './store/file'
