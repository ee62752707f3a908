# For sourcing, from the root of the repository.

# Sets the variable named by `$1` to a Python environment under target/tools
# with the packages of these files, made once. It cannot be renamed when it is
# whole, so a file says so.
install_from_pypi() {
    local -n environment=$1
    shift
    environment=$PWD/target/tools/ci-$(cat "$@" | sha256sum | head --bytes 16)
    if [ -e "$environment/whole" ]; then
        return
    fi
    python3 -m venv --clear "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
        "${@/#/--requirement=}"
    touch "$environment/whole"
}
