package dev.credence.report;

import dev.credence.core.audit.Gate;
import java.util.ArrayList;
import java.util.List;

/** Why a figure is withdrawn, where several gates do it: by their names, since each says its reason in the table of gates. */
final class Reasons {
    private static final String BETWEEN = "; ";

    private Reasons() {}

    /**
     * A reason for the page.
     *
     * @param reason of a finding, the reasons of its gates one after the other
     * @param gates of the audit
     * @return the same where at most one gate speaks in it, else the names of the gates and what is said beside them
     */
    static String brief(String reason, List<Gate> gates) {
        String rest = reason;
        List<String> names = new ArrayList<>();
        for (Gate gate : gates) {
            String said = "gate " + gate.id() + ": " + gate.reason();
            int at = rest.indexOf(said);
            if (at >= 0) {
                names.add(gate.id());
                String before = rest.substring(0, at);
                String after = rest.substring(at + said.length());
                rest = before.isEmpty() && after.startsWith(BETWEEN)
                        ? after.substring(BETWEEN.length())
                        : before.endsWith(BETWEEN)
                                ? before.substring(0, before.length() - BETWEEN.length()) + after
                                : before + after;
            }
        }
        if (names.size() < 2) {
            return reason;
        }
        String all = "the gates " + String.join(", ", names.subList(0, names.size() - 1)) + " and "
                + names.get(names.size() - 1) + ", each with its reason under Gates";
        return rest.isBlank() ? all : rest + BETWEEN + all;
    }
}
