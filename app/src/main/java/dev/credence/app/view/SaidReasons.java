package dev.credence.app.view;

import dev.credence.core.audit.Gate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Why figures of one audit were withdrawn: what was printed above, with a gate or with a figure, is named and not said again. */
final class SaidReasons {
    private final List<Gate> gates;

    /** By reason the first figure that was withdrawn for it. */
    private final Map<String, String> figures = new LinkedHashMap<>();

    /** @param gates those that were printed above */
    SaidReasons(List<Gate> gates) {
        this.gates = gates;
    }

    /**
     * A reason as it is printed with a figure; from then on it is said.
     *
     * @param reason in full
     * @param id of the figure
     */
    String with(String reason, String id) {
        String brief = brief(reason);
        figures.putIfAbsent(reason, id);
        return brief;
    }

    /** A reason, the parts of it that were said replaced by where. */
    String brief(String reason) {
        String brief = reason;
        for (Map.Entry<String, String> figure : figures.entrySet()) {
            boolean begins = brief.equals(figure.getKey()) || brief.startsWith(figure.getKey() + "; ");
            if (begins) {
                brief = "as " + figure.getValue() + ", above"
                        + brief.substring(figure.getKey().length());
            }
        }
        for (Gate gate : gates) {
            brief = brief.replace("gate " + gate.id() + ": " + gate.reason(), "gate " + gate.id() + ", above");
        }
        return brief;
    }
}
