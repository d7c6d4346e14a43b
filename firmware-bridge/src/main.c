// BlinkUp bridge: plays light symbols on D3 and samples a photodiode on A0 (ATmega328P, 16 MHz).
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>
#include <avr/wdt.h>

#include "clock.h"
#include "commands.h"
#include "light.h"
#include "link.h"
#include "sensor.h"
#include "streams.h"

static uint8_t reset_cause __attribute__((section(".noinit")));

// A watchdog reset leaves the watchdog running at its shortest: it is stopped before main's set-up
// would be bitten by it (ATmega328P datasheet, "Watchdog Timer").
__attribute__((naked, used, section(".init3"))) void stop_watchdog(void)
{
    reset_cause = MCUSR;
    MCUSR = 0;
    wdt_disable();
}

int main(void)
{
    light_init();
    clock_init();
    sensor_init();
    link_init();
    wdt_enable(WDTO_250MS);
    set_sleep_mode(SLEEP_MODE_IDLE);
    sei();
    streams_tell_ready(reset_cause);

    for (;;) {
        wdt_reset();
        commands_run();
        streams_run();
        cli();
        if (!link_pending() && !streams_pending()) {
            sleep_enable();
            sei();  // the instruction after sei runs before any interrupt, so none is slept through
            sleep_cpu();
            sleep_disable();
        }
        sei();
    }
}
