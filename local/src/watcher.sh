# Ends a program when the process that started it ends, however that happens.
#
# sh watcher.sh SIGNAL SECONDS PROCESS
#
# Standard input is a pipe from the starting process. A line says that the program
# has ended. The end of the pipe, which comes even after `kill -9`, says that the
# starting process has ended: the program gets SIGNAL, and SECONDS later the
# program and its remaining children get KILL.
signal=$1 seconds=$2 program=$3
trap '' HUP INT TERM

family() {
  for child in $(cat /proc/"$1"/task/*/children 2>/dev/null || pgrep -P "$1"); do
    echo "$child"
    family "$child"
  done
}

if read -r _; then exit; fi
kin=$(family "$program")
kill -s "$signal" "$program"
for process in $program $kin; do
  kill -s CONT "$process"
done
twentieths=$((seconds * 20))
while [ "$twentieths" -gt 0 ] && kill -0 "$program"; do
  sleep 0.05
  twentieths=$((twentieths - 1))
done
for process in $program $kin; do
  kill -s KILL "$process"
done
