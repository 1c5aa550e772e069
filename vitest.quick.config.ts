import { defineConfig } from 'vitest/config'
import base, { PATIENCE } from './vitest.config'

const sdk = 'packages/sdk/src'

// The tests that guard money and need no process of their own, other than a redis-server: what is run
// to see which branches they reach, and again for each mutant.
export default defineConfig({
  resolve: base.resolve ?? {},
  test: {
    ...PATIENCE,
    setupFiles: 'test/support/leaks.setup.ts',
    include: [
      `${sdk}/{payment,session,store}/**/*.test.ts`,
      'test/store/{file,fileSchedules,memory,redis,webDouble}.test.ts',
      'test/{agent,payment}/*.test.ts',
      'test/simulation/{found,schedules}.test.ts',
    ],
    maxWorkers: 2,
    // The same modules again for each file would take most of the time.
    isolate: false,
    env: { SEEDS: '100' },
    coverage: {
      provider: 'v8',
      include: [`${sdk}/{payment,session,store}/**`],
      reporter: ['text'],
      thresholds: { branches: 100 },
    },
  },
})
