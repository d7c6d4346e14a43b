// The bridge's firmware in simavr: a second opinion on what the emulated board does.
//
//   witness IMAGE.hex < inputs > events
//
// Both are lines `CYCLE NAME VALUE`, in decimal and in the order of time. Inputs:
//   byte    the stop bit of a byte to the board ends
//   d8      the level of D8 changes
//   end     the run ends (VALUE is ignored)
// Events:
//   tccr1b, tccr2a, ocr2b    the firmware writes the register; CYCLE is when the instruction begins
//   byte    the firmware hands a byte to the serial port
//   d8      an input edge, when simavr took it in: between two instructions
//   reset   the chip resets itself
//
// What differs from the chip in simavr 1.6 and matters here: an interrupt is entered in no time, sleep ends
// a cycle late, a byte takes 11 bits, Timer 2 has no mode 5 and Timer 1 does not trigger the ADC.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_extint.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_timer.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_hex.h>
#include <simavr/sim_io.h>

#define CLOCK_HZ 16000000
// simavr delivers a byte 11 bits of 17 * 8 cycles after it was put in.
#define RECEIVE_DELAY_CYCLES (11 * 17 * 8)

// ATmega328P datasheet, "Register Summary".
enum { TIFR1 = 0x36, TCCR1B = 0x81, TCCR2A = 0xb0, OCR2B = 0xb4 };
enum { TOV1 = 0x01, OCF1A = 0x02, OCF1B = 0x04, ICF1 = 0x20 };

static avr_t *avr;
static uint64_t input_cycle;
static char input_name[16];
static unsigned input_value;

static void fail(const char *message)
{
    fprintf(stderr, "witness: %s\n", message);
    exit(1);
}

static void print_event(avr_irq_t *irq, uint32_t value, void *name)
{
    (void)irq;
    printf("%" PRIu64 " %s %" PRIu32 "\n", avr->cycle, (const char *)name, value);
}

static void watch_register(uint16_t address, const char *name)
{
    avr_irq_t *irq = avr_iomem_getirq(avr, address, NULL, AVR_IOMEM_IRQ_ALL);
    avr_irq_register_notify(irq, print_event, (void *)name);
}

// simavr 1.6 clears all flags of a timer whatever is written to its flag register; the chip clears those
// that are written as one ("TIFR1 – Timer/Counter1 Interrupt Flag Register").
static void clear_flags(avr_t *chip, avr_io_addr_t address, uint8_t value, void *param)
{
    (void)address;
    avr_timer_t *timer = param;
    if (value & TOV1) avr_clear_interrupt(chip, &timer->overflow);
    if (value & OCF1A) avr_clear_interrupt(chip, &timer->comp[AVR_TIMER_COMPA].interrupt);
    if (value & OCF1B) avr_clear_interrupt(chip, &timer->comp[AVR_TIMER_COMPB].interrupt);
    if (value & ICF1) avr_clear_interrupt(chip, &timer->icr);
}

static void sleep_in_no_time(avr_t *chip, avr_cycle_count_t cycles)
{
    (void)chip;
    (void)cycles;
}

static void load(const char *image)
{
    avr = avr_make_mcu_by_name("atmega328p");
    if (!avr) fail("this simavr has no ATmega328P");
    avr_init(avr);
    avr->frequency = CLOCK_HZ;
    avr->log = LOG_ERROR;
    avr->sleep = sleep_in_no_time;

    uint32_t size, start;
    uint8_t *code = read_ihex_file(image, &size, &start);
    if (!code) fail("the image cannot be read: give the path of the .hex file");
    avr_loadcode(avr, code, size, start);
    free(code);

    uint32_t no_flags = 0;  // it neither prints lines nor waits on its own
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &no_flags);
    avr->io[AVR_DATA_TO_IO(TIFR1)].w.c = clear_flags;
    // The LED's pin is INT1's, too: a low level would be looked at in every cycle, which makes it slow.
    avr_extint_set_strict_lvl_trig(avr, 1, 0);
}

static avr_cycle_count_t take_input(avr_t *chip, avr_cycle_count_t when, void *param);

// Reads the next input and has it taken in at its cycle.
static void await_input(void)
{
    if (scanf("%" SCNu64 " %15s %u", &input_cycle, input_name, &input_value) != 3) {
        fail("the inputs must be lines CYCLE NAME VALUE, the last one end");
    }
    if (!strcmp(input_name, "byte")) input_cycle -= RECEIVE_DELAY_CYCLES;
    if (input_cycle < avr->cycle) fail("the inputs must be in the order of time");
    avr_cycle_timer_register(avr, input_cycle - avr->cycle, take_input, NULL);
}

static avr_cycle_count_t take_input(avr_t *chip, avr_cycle_count_t when, void *param)
{
    (void)when;
    (void)param;
    if (!strcmp(input_name, "byte")) {
        avr_raise_irq(avr_io_getirq(chip, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), input_value);
    } else if (!strcmp(input_name, "d8")) {
        print_event(NULL, input_value, "d8");
        avr_raise_irq(avr_io_getirq(chip, AVR_IOCTL_IOPORT_GETIRQ('B'), IOPORT_IRQ_PIN0), input_value);
    } else if (!strcmp(input_name, "end")) {
        exit(0);
    } else {
        fail("an input is byte, d8 or end");
    }
    await_input();
    return 0;
}

int main(int count, char **arguments)
{
    if (count != 2) fail("usage: witness IMAGE.hex < inputs > events");
    load(arguments[1]);
    watch_register(TCCR1B, "tccr1b");
    watch_register(TCCR2A, "tccr2a");
    watch_register(OCR2B, "ocr2b");
    avr_irq_t *sent = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT);
    avr_irq_register_notify(sent, print_event, "byte");
    await_input();
    for (;;) {
        int state = avr_run(avr);
        if (state == cpu_Done || state == cpu_Crashed) fail("the firmware has crashed");
    }
}
