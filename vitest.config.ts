import { defineConfig } from 'vitest/config'

// Generous time-outs: they end a hang, and never judge the speed of a busy or small machine.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 600_000 } },
  },
})
