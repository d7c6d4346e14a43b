# Completes blinkup in bash. Made from the program's own commands and options by `npm run manual`.
_blinkup() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command=blinkup words= files= word
  # --option=value comes as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$command $word" in
      'blinkup encode' | 'blinkup decode' | 'blinkup send' | 'blinkup verify' | 'blinkup bench' | 'blinkup bench timing' | 'blinkup bench sweep' | 'blinkup bench soak' | 'blinkup bench compare' | 'blinkup enroll' | 'blinkup station' | 'blinkup station run' | 'blinkup station check' | 'blinkup station report' | 'blinkup station sync' | 'blinkup aim' | 'blinkup tune' | 'blinkup capture' | 'blinkup simulate' | 'blinkup clear' | 'blinkup off' | 'blinkup doctor' | 'blinkup dut' | 'blinkup fixture' | 'blinkup emulate' | 'blinkup cloud' | 'blinkup firmware' | 'blinkup firmware info' | 'blinkup firmware build' | 'blinkup firmware flash' | 'blinkup firmware name') command="$command $word" ;;
    esac
  done
  case $prev in
    --format) words='symbols json hex csv vcd' ;;
    --config | --vcd | --sr | --report | --csv | --junit | --enrollment-key-file | --port | --fixture | --capture | --state | --write | --database | --jsonl | --application | --network | --firmware | --settings | --link | --fixture-agent | --dut-agent | --application-agent) files=yes ;;
    --ssid | --plan-id | --token | --static-address | --proxy | --rate | --sync | --channel | --full-scale | --sample-rate | --white-line | --grey-line | --photodiode-port | --pin | --adc-channel | --grey | --brightness | --swing | --black | --flicker | --flicker-hz | --noise-rms | --sensor-bandwidth | --led-rise | --led-fall | --adc-bits | --clip-low | --clip-high | --seed | --repeat | --limit | --duration | --pass-rate | --confirm-rate | --confidence | --most-messages | --margin | --rates | --greys | --brightnesses | --sample-rates | --message-bytes | --pause | --keep | --from | --station | --since | --until | --shifts | --to | --seconds | --gain | --host | --http-port | --drift | --symbol-jitter | --rate-change | --gaps | --gap-samples | --impos | --led-green | --led-red | --cloud | --device-id | --trigger | --lockout | --fixture-id | --token-lifetime | --blessing-webhook | --fault) : ;;
    --dialect) words='sdk-0.3.0 sdk-2015' ;;
    --time-unit) words='s ms us ns' ;;
    --rig) words='emulated bridge gpio pwm' ;;
    --photodiode) words='bridge adc' ;;
    --pattern) words='clock random message' ;;
    --by) words='shift rig day station' ;;
    --level) words='black grey white' ;;
    --board) words='uno nano nano-old' ;;
    *)
      case $command in
        'blinkup') words='encode decode send verify bench enroll station aim tune capture simulate clear off doctor dut fixture emulate cloud firmware --version --help' ;;
        'blinkup encode') words='--format --show-secrets --config --ssid --open --plan-id --token --static-address --proxy --dummy --allow-nonstandard --strict --rate --dialect --sync --help' ;;
        'blinkup decode') words='--json --show-secrets --vcd --sr --trace --report --no-waveform --csv --junit --force --channel --full-scale --time-unit --sample-rate --white-line --grey-line --help' files=yes ;;
        'blinkup send') words='--json --config --ssid --open --plan-id --token --static-address --proxy --dummy --allow-nonstandard --strict --enrollment-key-file --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup verify') words='--json --show-secrets --capture --repeat --limit --report --no-waveform --csv --junit --force --config --ssid --open --plan-id --token --static-address --proxy --dummy --allow-nonstandard --strict --enrollment-key-file --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup bench') words='timing sweep soak compare --help' ;;
        'blinkup bench timing') words='--pattern --repeat --duration --json --limit --report --no-waveform --csv --junit --force --config --ssid --open --plan-id --token --static-address --proxy --dummy --allow-nonstandard --strict --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup bench sweep') words='--grid --pass-rate --confirm-rate --confidence --most-messages --margin --state --write --json --limit --report --no-waveform --csv --junit --force --rates --greys --brightnesses --sample-rates --message-bytes --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup bench soak') words='--repeat --duration --pause --keep --json --limit --report --no-waveform --csv --junit --force --config --ssid --open --plan-id --token --static-address --proxy --dummy --allow-nonstandard --strict --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup bench compare') words='--json --help' ;;
        'blinkup enroll') words='--json --show-secrets --config --ssid --open --plan-id --token --static-address --proxy --dummy --allow-nonstandard --strict --enrollment-key-file --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup station') words='run check report sync --help' ;;
        'blinkup station run') words='--help' files=yes ;;
        'blinkup station check') words='--help' files=yes ;;
        'blinkup station report') words='--database --from --station --since --until --rig --by --shifts --json --report --csv --jsonl --junit --force --help' ;;
        'blinkup station sync') words='--database --to --help' ;;
        'blinkup aim') words='--level --seconds --json --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup tune') words='--gain --host --http-port --json --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup capture') words='--seconds --force --edges --send --config --ssid --open --plan-id --token --static-address --proxy --dummy --allow-nonstandard --strict --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' files=yes ;;
        'blinkup simulate') words='--force --config --ssid --open --plan-id --token --static-address --proxy --dummy --allow-nonstandard --strict --rate --dialect --sync --grey --sample-rate --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --inverted --drift --symbol-jitter --rate-change --gaps --gap-samples --help' files=yes ;;
        'blinkup clear') words='--json --rate --dialect --sync --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup off') words='--rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup doctor') words='--json --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup dut') words='--application --impos --network --led-green --led-red --warm-start --cloud --firmware --settings --device-id --seconds --json --show-secrets --channel --full-scale --time-unit --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup fixture') words='--trigger --lockout --lead-in --cloud --firmware --settings --device-id --seconds --json --show-secrets --rig --photodiode --port --photodiode-port --white-line --grey-line --active-low --pin --adc-channel --grey --brightness --sample-rate --fixture --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup emulate') words='--link --swing --black --flicker --flicker-hz --noise-rms --sensor-bandwidth --led-rise --led-fall --adc-bits --clip-low --clip-high --seed --help' ;;
        'blinkup cloud') words='--state --host --port --fixture-id --fixture-agent --dut-agent --application-agent --token-lifetime --blessing-webhook --fault --json --show-secrets --help' ;;
        'blinkup firmware') words='info build flash name --help' ;;
        'blinkup firmware info') words='--port --json --help' ;;
        'blinkup firmware build') words='--help' ;;
        'blinkup firmware flash') words='--port --board --help' ;;
        'blinkup firmware name') words='--port --help' ;;
      esac
      ;;
  esac
  if [[ $files && $cur != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}
complete -F _blinkup blinkup
