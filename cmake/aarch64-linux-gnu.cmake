# Cross build for aarch64 Linux with Debian's g++-aarch64-linux-gnu, statically linked: qemu-aarch64 runs the result as it is.
#
#   cmake -S . -B build/aarch64 -DCMAKE_TOOLCHAIN_FILE=cmake/aarch64-linux-gnu.cmake -DFASTTOK_PYTHON=OFF -DFASTTOK_CPP_TESTS=ON
#
# This compiler looks for headers in its own folders first and in /usr/include last, where doctest is: of the host's C library
# it takes nothing. CMake knows that order and adds no -isystem /usr/include, which would reverse it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
