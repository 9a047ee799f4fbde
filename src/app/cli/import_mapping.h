// Which column of a file, or which constant, is which member of an order's request: the paths that
// there are, and `--map` and `--set`.
#pragma once

#include <array>
#include <expected>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::cli {

inline constexpr std::string_view kReference = "reference";
// What the rows of one order have in common, if that is not the reference; not in the request.
inline constexpr std::string_view kOrder = "order";
// Members of a line item.
inline constexpr std::array<std::string_view, 4> kLinePaths{"sku", "title", "quantity",
                                                            "unit_price"};

// Members of the order, in the request's sequence.
struct OrderPath {
  std::string_view path;
  bool is_required;
};
inline constexpr std::array kOrderPaths{
    OrderPath{"customer_id", true},          OrderPath{"currency", true},
    OrderPath{"payment_method", true},       OrderPath{"ship_to.name", true},
    OrderPath{"ship_to.line1", true},        OrderPath{"ship_to.line2", false},
    OrderPath{"ship_to.city", true},         OrderPath{"ship_to.region", false},
    OrderPath{"ship_to.postal_code", true},  OrderPath{"ship_to.country", true},
    OrderPath{"ship_to.email", false},       OrderPath{"ship_to.phone", false},
    OrderPath{"adjustment.shipping", false}, OrderPath{"adjustment.tax", false},
    OrderPath{"adjustment.discount", false}, OrderPath{"adjustment.fee", false},
};
// Columns of `orders export` that say what an import does not want to know.
inline constexpr std::array<std::string_view, 2> kExportOnlyColumns{"status", "created_at"};

// All of them: the reference, `order`, a line's, the order's.
std::span<const std::string_view> import_paths();

// Whether an order cannot be without it.
bool is_required_path(std::string_view path);

struct ImportMapping {
  std::map<std::string, std::string> columns;    // path -> title of the column
  std::map<std::string, std::string> constants;  // path -> value for every row; wins over a column
};

// `--map` and `--set` as they were written, each "path=…"; or what is wrong with them.
std::expected<ImportMapping, std::string> parse_import_mapping(
    const std::vector<std::string>& maps, const std::vector<std::string>& sets);

}  // namespace conveyor::cli
