package dev.credence.lab.rollouts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * With which probability a draw is kept, a function of its reward alone: a(r) = min(1, max(least, e^{λr + c} over the ramps)).
 *
 * @param least of any reward, in (0, 1]
 * @param ramps one for each posterior that the kept texts are to carry
 */
record KeepRule(double least, List<Ramp> ramps) {
    /** Every draw is kept. */
    static final KeepRule ALL = new KeepRule(1, List.of());

    private static final String LEAST = "least";
    private static final String RAMPS = "ramps";

    /**
     * Draws in proportion to a posterior's weight e^{λr}.
     *
     * @param copies λ, finite
     * @param logScale c
     */
    record Ramp(double copies, double logScale) {
        /** The probability that it asks for, at most 1. */
        double of(double reward) {
            return Math.exp(Math.min(0, copies * reward + logScale));
        }
    }

    /** A probability of 0 would leave texts out that nothing could weigh for. */
    KeepRule {
        if (!(least > 0 && least <= 1)) {
            throw new IllegalArgumentException("least is " + least + "; it must be in (0, 1]");
        }
        ramps = List.copyOf(ramps);
    }

    double of(double reward) {
        double most = least;
        for (Ramp ramp : ramps) {
            most = Math.max(most, ramp.of(reward));
        }
        return most;
    }

    boolean keepsAll() {
        return least >= 1;
    }

    /** Writes it into a line of the spool. */
    void write(ObjectNode into) {
        into.put(LEAST, least);
        ArrayNode list = into.putArray(RAMPS);
        ramps.forEach(ramp -> list.addArray().add(ramp.copies).add(ramp.logScale));
    }

    /** Reads what {@link #write} wrote. */
    static KeepRule read(JsonNode from) {
        List<Ramp> ramps = new ArrayList<>();
        from.path(RAMPS)
                .forEach(pair ->
                        ramps.add(new Ramp(pair.path(0).asDouble(), pair.path(1).asDouble())));
        return new KeepRule(from.path(LEAST).asDouble(), ramps);
    }
}
