export { webStore } from './store/web'
