import { ARouterProvider } from '@arouter/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App'
import { announceDemoWallet } from './demoWallet'
import { approve, follow } from './desk'
import { gateway, isLocal, networks, rpc } from './gateway'
import './style.css'

const options = {
  networks: Object.keys(networks),
  maxPerPayment: '$1',
  budget: { limit: '$5', window: '24h' },
  rpc,
  approve,
  events: follow,
} as const

if (isLocal) announceDemoWallet()

const root = document.getElementById('root')
if (!root) throw new Error('the page has no root')
createRoot(root).render(
  <StrictMode>
    <ARouterProvider client={gateway} options={options}>
      <App />
    </ARouterProvider>
  </StrictMode>,
)
