import { ARouter } from '@arouter/sdk'
import { createElement, StrictMode } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { ARouterProvider } from './ARouterProvider'
import { useARouter } from './useARouter'
import { usePayments } from './usePayments'
import { useWallets } from './useWallets'

const client = new ARouter({ apiKey: '' })

function App() {
  const isBare = useARouter() === client
  const { wallets, status, address } = useWallets()
  const { payments, budget, error } = usePayments()
  return JSON.stringify([isBare, wallets, status, address ?? '-', payments, budget ?? '-', !error])
}

test('a server renders a page without wallets, payments or budget, and touches no browser', () => {
  const page = createElement(ARouterProvider, { client }, createElement(App))
  for (const tree of [page, createElement(StrictMode, null, page)]) {
    expect(renderToString(tree).replaceAll('&quot;', '"')).toBe(
      '[true,[],"disconnected","-",[],"-",true]',
    )
  }
})

test.each([useARouter, useWallets, usePayments])(
  'a hook outside of the provider is an error that says so',
  (useIt) => {
    const Outside = () => String(useIt())
    expect(() => renderToString(createElement(Outside))).toThrow(/inside <ARouterProvider>/)
  },
)
