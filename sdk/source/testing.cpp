/// The body of the fake host, compiled once for all tests of this tree (talon/bodies.hpp).
#include <talon/testing/fake_host_bodies.hpp>
