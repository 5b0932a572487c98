package dev.credence.app.command;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What an audit is asked, by options that logs and tables share. */
final class AuditQuestion {
    @Option(
            names = "--beta",
            paramLabel = "B",
            description =
                    "KL coefficient the policy was tuned with; 0 for none. Without it, figures about what was asked"
                            + " are withdrawn.")
    private @Nullable Double beta;

    @Option(
            names = "--reward",
            paramLabel = "REWARD",
            description =
                    "Reward the policy was tuned for: a name in the input, or such as 'min(1,0.5*count:\\blove\\b)'."
                            + " Needed where the input names several.")
    private @Nullable String reward;

    @Option(
            names = "--reward-type",
            paramLabel = "TYPE",
            converter = RewardTypes.class,
            completionCandidates = RewardTypes.class,
            defaultValue = "score",
            description = "What the reward is, for the words about copies: ${COMPLETION-CANDIDATES} (default score).")
    private RewardType rewardType = RewardType.SCORE;

    @Option(
            names = "--candidate",
            paramLabel = "REWARD",
            description = "A rival reward to rank beside those in the input. May be given several times.")
    private List<String> candidates = new ArrayList<>();

    @Nullable
    Double beta() {
        return beta;
    }

    RewardType rewardType() {
        return rewardType;
    }

    List<String> candidates() {
        return candidates;
    }

    @Nullable
    String reward() {
        return reward;
    }

    /** Refuses a β that is none, before any input is read. */
    void check() {
        if (beta != null && !(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofOption("--beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
        }
    }

    /**
     * The reward to audit, where the user named none.
     *
     * @param own names in the input
     * @return the only one
     * @throws InputException if there is none, or several
     */
    static String only(List<String> own) {
        if (own.size() == 1) {
            return own.get(0);
        }
        String rule = own.isEmpty()
                ? "the input has no reward; name one such as contains:TEXT"
                : "the input has several rewards, name one of: " + String.join(", ", own);
        throw InputException.ofOption("--reward", "missing", rule);
    }

    AuditOptions options(String name, List<String> ranked, AuditOptions.@Nullable Aim aim, long seed) {
        return new AuditOptions(beta, name, rewardType, ranked, aim, seed);
    }

    Map<String, String> settings(String name) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("beta", beta == null ? "not given" : String.valueOf(beta));
        settings.put("reward", name);
        settings.put("reward-type", RewardTypes.word(rewardType));
        if (!candidates.isEmpty()) {
            settings.put("candidates", String.join(", ", candidates));
        }
        return settings;
    }
}
