# Ends a program when the process that started it ends, however that happens.
#
# sh watcher.sh SIGNAL SECONDS PROCESS
#
# Standard input is a pipe from the starting process. Either a line comes, which
# says that the program is gone already, or the pipe's end, which the kernel
# brings about even after `kill -9`. Then the program gets SIGNAL, and after
# SECONDS at the latest it and what is left of its children get KILL.
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
