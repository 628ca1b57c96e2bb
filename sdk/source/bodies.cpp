/// The bodies of the sdk's functions, compiled once for the whole tree (talon/bodies.hpp).
#include <talon/document.hpp>
#include <talon/expression/check.hpp>
#include <talon/expression/parse.hpp>
#include <talon/json.hpp>
#include <talon/model.hpp>
#include <talon/records.hpp>
