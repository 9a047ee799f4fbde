// What the files of the diagnosis share. Internal to server/api.
#pragma once

#include "server/api/diagnosis.h"

namespace conveyor::api::parts {

/// With a capital letter.
std::string sentence(std::string text);
/// "authorize_payment" or "the undo of authorize_payment".
std::string call_text(StepNumber step, Action action);
std::string call_text(const NeededCall& call);
/// "a, b and c".
std::string list_text(const std::vector<StepNumber>& steps);

std::optional<Diagnosis::Cause> cause_of(const DiagnosisInput& input);
/// Why the order is being undone or was: "because payment refused authorize_payment (declined)".
std::string undo_reason_text(const DiagnosisInput& input);

void add_actions(const DiagnosisInput& input, Diagnosis& diagnosis);

}  // namespace conveyor::api::parts
