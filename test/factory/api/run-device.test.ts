import { describe, expect, test } from 'vitest'
import { FakeHost, HeldLight, TOKEN } from '../../helpers/device-host.js'

describe('a fixture', () => {
  test('plays the token that it is given, while its firmware is suspended', async () => {
    const host = new FakeHost()
    const light = new HeldLight()
    host.role = 'fixture'
    host.factoryLight = light
    host.run(({ imp, server, hardware, BLINKUP_FAST, BLINKUP_ACTIVEHIGH }) => {
      server.factoryblinkup('net', 'secret word', hardware.pinM, BLINKUP_FAST | BLINKUP_ACTIVEHIGH)
      server.log('returned')
      imp.wakeup(1, () => void server.log('later'))
    })
    await host.after(5)
    expect(host.all('log')).toEqual(['returned'])
    expect(light.played).toMatchObject([
      { ssid: 'net', password: 'secret word', ...TOKEN, fast: true, activeHigh: true, pin: 'pinM' },
    ])
    light.end.resolve()
    await host.after(0)
    expect(host.all('log')).toEqual(['returned', 'later'])
  })
})

describe('a device under test', () => {
  test('is blessed, and handed over after the callback', async () => {
    const host = new FakeHost().run(({ server, imp }) => {
      server.bless(true, (isBlessed) => {
        server.log(`blessed ${isBlessed}`)
        if (isBlessed) imp.clearconfiguration()
      })
    })
    await host.after(1)
    expect(host.events.map(([what]) => what)).toEqual([
      'bless',
      'blessing shown',
      'log',
      'to server',
      'clear',
      'hand over',
    ])
  })

  test('has its exception told, and is restarted', async () => {
    const host = new FakeHost().run(async ({ server }) => {
      await server.log('begun')
      throw new Error('gone wrong')
    })
    await host.after(1)
    expect(host.all('error')).toEqual(['Error: gone wrong'])
    expect(host.all('restart')).toEqual(['Error: gone wrong'])
  })
})
