package dev.credence.app.options;

import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.ThresholdOutcome;
import dev.credence.core.audit.ThresholdOutcome.Side;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.audits.Threshold;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Option;

/** Thresholds that make an audit guard a training pipeline. */
public final class ThresholdOptions {
    private static final String UNDER = "--fail-under";
    private static final String OVER = "--fail-over";

    @Option(
            names = UNDER,
            paramLabel = "ID=X",
            completionCandidates = Names.OfLimits.class,
            description = "Exit with 4 when the lower end of a figure is under X. May be given several times.")
    private List<String> under = new ArrayList<>();

    @Option(
            names = OVER,
            paramLabel = "ID=X",
            completionCandidates = Names.OfLimits.class,
            description = "Exit with 4 when the upper end of a figure is over X. May be given several times.")
    private List<String> over = new ArrayList<>();

    /** For the parser, which fills the fields. */
    public ThresholdOptions() {}

    /**
     * The option that a threshold of a side comes from.
     *
     * @param side which one
     * @return with dashes
     */
    public static String option(Side side) {
        return side == Side.UNDER ? UNDER : OVER;
    }

    private static String setting(Side side) {
        return option(side).substring("--".length());
    }

    /** {@return the thresholds, before any work: a malformed one is bad input} */
    public List<Threshold> thresholds() {
        List<Threshold> thresholds = new ArrayList<>();
        under.forEach(text -> thresholds.add(of(Side.UNDER, text)));
        over.forEach(text -> thresholds.add(of(Side.OVER, text)));
        return thresholds;
    }

    private static Threshold of(Side side, String text) {
        try {
            return Threshold.of(side, text);
        } catch (InputException e) {
            throw InputException.ofSetting(setting(side), e.value(), e.rule());
        }
    }

    /**
     * What the thresholds come to.
     *
     * @param step the audit that counts; of several steps the last
     * @return one outcome a threshold, in their order
     */
    public List<ThresholdOutcome> outcomes(StepAudit step) {
        List<ThresholdOutcome> outcomes = new ArrayList<>();
        for (Threshold threshold : thresholds()) {
            try {
                outcomes.add(threshold.outcome(step));
            } catch (InputException e) {
                throw InputException.ofSetting(setting(threshold.side()), e.value(), e.rule());
            }
        }
        return outcomes;
    }

    /**
     * What the thresholds come to in an audit of several steps.
     *
     * @param steps in their order
     * @param counts the one of them that counts
     * @return one outcome a threshold, in their order, with what became of it in the steps before that one
     */
    public List<ThresholdOutcome> outcomes(List<StepAudit> steps, StepAudit counts) {
        List<StepAudit> before = steps.stream()
                .takeWhile(step -> !Objects.equals(step.step(), counts.step()))
                .toList();
        List<Threshold> thresholds = thresholds();
        List<ThresholdOutcome> outcomes = new ArrayList<>(outcomes(counts));
        for (int i = 0; i < thresholds.size(); i++) {
            List<Long> missed = new ArrayList<>();
            List<Long> withdrawn = new ArrayList<>();
            for (StepAudit step : before) {
                Long number = step.step();
                if (number != null
                        && step.findings().containsKey(thresholds.get(i).id())) {
                    ThresholdOutcome outcome = thresholds.get(i).outcome(step);
                    if (outcome.isWithdrawn()) {
                        withdrawn.add(number);
                    } else if (outcome.isMissed()) {
                        missed.add(number);
                    }
                }
            }
            outcomes.set(i, outcomes.get(i).after(missed, withdrawn));
        }
        return outcomes;
    }

    /**
     * What the provenance says of it.
     *
     * @param settings of the provenance, added to
     */
    public void describe(Map<String, String> settings) {
        if (!under.isEmpty()) {
            settings.put("fail-under", String.join(", ", under));
        }
        if (!over.isEmpty()) {
            settings.put("fail-over", String.join(", ", over));
        }
    }
}
