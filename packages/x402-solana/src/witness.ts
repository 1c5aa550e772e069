export { networks } from './networks'
export { readBalance } from './readBalance'
export { type PaymentClaim, type ReceiptCheck, verifyReceipt } from './verifyReceipt'
