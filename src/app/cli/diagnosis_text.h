// A diagnosis as a page for people.
#pragma once

#include <boost/json/value.hpp>
#include <ostream>

namespace conveyor::cli {

void print_diagnosis(std::ostream& out, const boost::json::value& diagnosis);

}  // namespace conveyor::cli
