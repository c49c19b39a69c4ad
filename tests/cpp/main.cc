// The C++ test binary: doctest finds the cases of every test_*.cc.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
