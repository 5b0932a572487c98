package dev.credence.app.options;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.audits.DumpSteps;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which steps of a trainer's dump are audited, and against which policies. */
public final class DumpOptions {
    @Option(
            names = "--step",
            paramLabel = "N|last",
            description =
                    "With --prior and --policy: the step of the LOG that is audited. A trainer writes a step's texts"
                            + " before its update: those of step N are of the checkpoint before.")
    private @Nullable String step;

    @Option(
            names = "--policies",
            paramLabel = "PATTERN",
            description = "In the place of --policy: the checkpoints of a run, such as 'run/checkpoint-*'. Each step of"
                    + " the LOG is audited against the checkpoint that drew it.")
    private @Nullable String policies;

    /** For the parser, which fills the fields. */
    public DumpOptions() {}

    /** {@return the pattern of a run's checkpoints, or null} */
    public @Nullable String policies() {
        return policies;
    }

    /** {@return whether a step or several policies are named} */
    public boolean isGiven() {
        return step != null || policies != null;
    }

    /**
     * Refuses what belongs to logs and models where one of them is missing.
     *
     * @param hasLog whether there is a log
     * @param hasPrior whether there is a prior
     * @param policy the one that is named, or null
     * @throws InputException naming the option
     */
    public void check(boolean hasLog, boolean hasPrior, @Nullable String policy) {
        String option = step != null ? "step" : "policies";
        String value = step != null ? step : String.valueOf(policies);
        if (isGiven() && !(hasLog && hasPrior)) {
            throw InputException.ofSetting(
                    option, value, "it is about a LOG's steps and their models: name --prior, too");
        }
        if (policies != null && (step != null || policy != null)) {
            throw InputException.ofSetting(
                    "policies", policies, "it names a policy for every step, in the place of --policy and --step");
        }
    }

    /** {@return which steps are audited} */
    public DumpSteps steps() {
        return new DumpSteps(step, policies);
    }
}
