import { defineConfig } from 'vitest/config'

// Generous time-outs: they end a hang, and never judge the speed of a busy machine.
export default defineConfig({
  test: { include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
})
