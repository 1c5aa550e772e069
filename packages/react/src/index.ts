export type { ARouter } from '@arouter/sdk'
