package dev.credence.lab.audits;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.IntervalPlan;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.List;

/**
 * How many records an interval of a figure takes, from a pilot's audit.
 *
 * @param finding the figure in the pilot
 * @param width full width wanted of its 95 % interval, in the figure's unit
 * @param growth how many times the pilot's records it takes; 1 where the figure is known exactly, NaN where nothing can be
 *     planned
 * @param limits what records alone do not mend, in words
 */
public record PilotPlan(Finding finding, double width, double growth, List<String> limits) {
    /**
     * Plans from a pilot.
     *
     * @param pilot its audit
     * @param figure the figure's id, such as {@code bayes_fraction}
     * @param width full width wanted of its 95 % interval, in the figure's unit; positive and finite
     * @return the plan
     * @throws InputException naming the figure that the pilot has not, or the width
     */
    public static PilotPlan of(StepAudit pilot, String figure, double width) {
        requireWidth(width);
        Finding finding;
        try {
            finding = Threshold.among(figure, pilot.findings());
        } catch (InputException e) {
            throw InputException.ofSetting("figure", e.value(), e.rule());
        }
        return new PilotPlan(finding, width, growth(finding, width), limits(pilot, finding, width));
    }

    /**
     * Refuses a width before anything is read.
     *
     * @param width full width
     * @throws InputException unless it is positive and finite
     */
    public static void requireWidth(double width) {
        if (!(width > 0 && width < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("width", String.valueOf(width), "it must be positive and finite");
        }
    }

    private static double growth(Finding finding, double width) {
        if (!finding.stands()) {
            return Double.NaN; // its interval does not hold, so neither would a plan
        }
        if (finding.lower() == finding.upper()) {
            return 1;
        }
        boolean interval = Double.isFinite(finding.lower()) && Double.isFinite(finding.upper());
        return interval ? IntervalPlan.of(finding).growth(width) : Double.NaN;
    }

    private static List<String> limits(StepAudit pilot, Finding finding, double width) {
        List<String> limits = new ArrayList<>();
        for (Gate gate : pilot.gates()) {
            if (gate.status() != Gate.Status.PASS && gate.withdraws().contains(finding.id())) {
                limits.add("gate " + gate.id() + ": " + gate.reason());
            }
        }
        if (!finding.stands() && limits.isEmpty()) {
            limits.add(String.valueOf(finding.reason()));
        }
        Finding population = pilot.findings().get(finding.id() + ".population");
        if (finding.stands() && population != null && population.upper() - population.lower() > width) {
            double prompts =
                    pilot.prompts().size() * IntervalPlan.of(population).growth(width);
            limits.add(String.format(
                    "this interval speaks of these %d prompts; for the population they come from it is %s wide, which"
                            + " takes more prompts (about %s), not more records of each",
                    pilot.prompts().size(),
                    FigureFormat.of(population.upper() - population.lower()),
                    FigureFormat.of(Math.ceil(prompts))));
        }
        return limits;
    }

    /** {@return whether a number of records can be named} */
    public boolean isPossible() {
        return !Double.isNaN(growth);
    }

    /**
     * Records in the place of the pilot's.
     *
     * @param pilot how many the pilot has, of one prompt and source
     * @return how many are needed; 0 where the pilot has none
     */
    public long needed(int pilot) {
        return needed(pilot, growth);
    }

    /**
     * All records of a pilot and of what it plans.
     *
     * @param pilot its audit
     * @return records of prior and policy, all prompts together
     */
    public long total(StepAudit pilot) {
        return pilot.prompts().stream()
                .mapToLong(prompt -> needed(prompt.priorRecords()) + needed(prompt.policyRecords()))
                .sum();
    }

    private static long needed(int records, double growth) {
        return records == 0 ? 0 : Math.max(2, (long) Math.ceil(records * growth - 1e-6));
    }
}
