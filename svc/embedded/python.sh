# Sourced by run and test: sets $python to a Python 3.11 or later, installed by apt where allowed.
find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
    done
    return 1
}
install_python() {
    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y python3 python3-venv
}
if ! find_python; then
    if [ "${NO_APT:-}" = 1 ] || [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "Python 3.11 or later was not found: install python3 and python3-venv" >&2
        exit 1
    fi
    if ! log=$(install_python 2>&1) || ! find_python; then
        printf 'apt-get could not install Python 3.11 or later: %s\n' "${log##*
}" >&2
        exit 1
    fi
fi
