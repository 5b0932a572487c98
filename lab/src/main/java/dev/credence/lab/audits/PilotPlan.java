package dev.credence.lab.audits;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many records an interval of a figure takes, from a pilot's audit: of a figure of the prompts at hand more records of each, of
 * one of the population that they come from more prompts.
 *
 * @param finding the figure in the pilot
 * @param width full width wanted of its 95 % interval, in the figure's unit
 * @param unit what there must be more of
 * @param growth how many times as many as in the pilot; 1 where the figure is known exactly, NaN where nothing can be planned
 * @param limits what more of them alone do not mend, in words
 */
public record PilotPlan(Finding finding, double width, Unit unit, double growth, List<String> limits) {
    /** What a plan asks more of. */
    public enum Unit {
        /** Records of each prompt. */
        RECORDS,
        /** Prompts, with as many records each as in the pilot. */
        PROMPTS;

        /** {@return its name in a sentence, such as {@code records}} */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A log that is drawn comes out wider or narrower than its pilot: the width aimed at is a little below what is wanted. */
    private static final double AIM = 0.97;

    private static final String POPULATION = ".population";

    /**
     * Plans from a pilot.
     *
     * @param pilot a log and its audit
     * @param figure the figure's id, such as {@code bayes_fraction}
     * @param width full width wanted of its 95 % interval, in the figure's unit; positive and finite
     * @return the plan
     * @throws InputException naming the figure that the pilot has not, or the width
     */
    public static PilotPlan of(Pilot pilot, String figure, double width) {
        requireWidth(width);
        Finding finding;
        try {
            finding = Threshold.among(figure, pilot.audit().findings());
        } catch (InputException e) {
            throw InputException.ofSetting("figure", e.value(), e.rule());
        }
        Unit unit = finding.id().endsWith(POPULATION) ? Unit.PROMPTS : Unit.RECORDS;
        double growth = growth(pilot, unit, finding, width);
        return new PilotPlan(finding, width, unit, growth, limits(pilot, finding, width, growth));
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

    private static double growth(Pilot pilot, Unit unit, Finding finding, double width) {
        if (!finding.stands()) {
            return Double.NaN; // its interval does not hold, so neither would a plan
        }
        return finding.lower() == finding.upper()
                ? 1
                : new WidthCurve(pilot, unit)
                        .growth(finding.id(), finding.upper() - finding.lower() <= width ? width : AIM * width);
    }

    private static List<String> limits(Pilot pilot, Finding finding, double width, double growth) {
        List<String> limits = new ArrayList<>();
        for (Gate gate : pilot.audit().gates()) {
            if (gate.status() != Gate.Status.PASS && gate.withdraws().contains(finding.id())) {
                limits.add("gate " + gate.id() + ": " + gate.reason());
            }
        }
        if (!finding.stands() && limits.isEmpty()) {
            limits.add(String.valueOf(finding.reason()));
        }
        if (finding.stands() && Double.isNaN(growth)) {
            limits.add("the interval is " + FigureFormat.of(finding.upper() - finding.lower())
                    + " wide, and hardly narrower with many times as many: what makes it wide is not their number");
        }
        Finding population = pilot.audit().findings().get(finding.id() + POPULATION);
        if (finding.stands() && population != null && population.upper() - population.lower() > width) {
            limits.add(population(pilot, population, width));
        }
        return limits;
    }

    private static String population(Pilot pilot, Finding population, double width) {
        int prompts = pilot.audit().prompts().size();
        double growth = growth(pilot, Unit.PROMPTS, population, width);
        return String.format(
                "this interval speaks of these %d prompts; for the population they come from it is %s wide, which takes more"
                        + " prompts%s, not more records of each",
                prompts,
                FigureFormat.of(population.upper() - population.lower()),
                Double.isNaN(growth) ? "" : " (about " + FigureFormat.of(Math.ceil(prompts * growth)) + ")");
    }

    /** {@return whether a number can be named} */
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
        return unit == Unit.PROMPTS ? pilot : needed(pilot, growth);
    }

    /**
     * Prompts in the place of the pilot's.
     *
     * @param pilot its audit
     * @return how many are needed
     */
    public long prompts(StepAudit pilot) {
        int there = pilot.prompts().size();
        return unit == Unit.PROMPTS ? needed(there, growth) : there;
    }

    /**
     * All records of a pilot and of what it plans.
     *
     * @param pilot its audit
     * @return records of prior and policy, all prompts together
     */
    public long total(StepAudit pilot) {
        long each = pilot.prompts().stream()
                .mapToLong(prompt -> needed(prompt.priorRecords()) + needed(prompt.policyRecords()))
                .sum();
        return unit == Unit.PROMPTS ? needed(each, growth) : each;
    }

    private static long needed(long there, double growth) {
        return there == 0 ? 0 : Math.max(2, (long) Math.ceil(there * growth - 1e-6));
    }
}
