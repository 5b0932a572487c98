package dev.credence.app.command;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What an audit is asked, by options that logs and tables share. */
final class AuditQuestion {
    @Mixin
    private RewardOptions asked = new RewardOptions();

    @Option(
            names = "--candidate",
            paramLabel = "[NAME=]REWARD",
            description = "A rival reward to rank beside those in the input. May be given several times.")
    private List<String> candidates = new ArrayList<>();

    @Option(
            names = "--reward-range",
            paramLabel = "A..B",
            converter = RewardRanges.class,
            description = "Declares that the reward lies between A and B on every text, the records at hand or not: a"
                    + " bounded reward always has a posterior. Known without it of min(...), contains, regex, and of the"
                    + " reward type probability.")
    private AuditOptions.@Nullable Range rewardRange;

    @Option(
            names = "--drop-thin",
            description = "Leave out prompts with too few records to be audited; the verdict names them.")
    private boolean dropThin;

    @Nullable
    Double beta() {
        return asked.beta();
    }

    RewardType rewardType() {
        return asked.rewardType();
    }

    List<String> candidates() {
        return candidates;
    }

    @Nullable
    String reward() {
        return asked.reward();
    }

    /** Refuses a β that is none, before any input is read. */
    void check() {
        Double beta = asked.beta();
        if (beta != null && !(beta >= 0 && beta < Double.POSITIVE_INFINITY)) {
            throw InputException.ofSetting("beta", String.valueOf(beta), "it must be a finite number, 0 or larger");
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
        throw InputException.ofSetting("reward", "missing", rule);
    }

    AuditOptions options(String name, List<String> ranked, AuditOptions.@Nullable Aim aim, long seed) {
        return new AuditOptions(asked.beta(), name, asked.rewardType(), ranked, aim, seed)
                .within(rewardRange != null ? rewardRange : RewardRanges.known(asked.reward()))
                .droppingThin(dropThin);
    }

    /** What the user declared of the reward, or null. */
    AuditOptions.@Nullable Range declaredRange() {
        return rewardRange;
    }

    Map<String, String> settings(String name) {
        Map<String, String> settings = new LinkedHashMap<>();
        Double beta = asked.beta();
        settings.put("beta", beta == null ? "not given" : String.valueOf(beta));
        settings.put("reward", name);
        if (asked.reward() != null && !asked.reward().equals(name)) {
            settings.put("reward as given", asked.reward());
        }
        settings.put("reward-type", RewardTypes.word(asked.rewardType()));
        if (!candidates.isEmpty()) {
            settings.put("candidates", String.join(", ", candidates));
        }
        if (rewardRange != null) {
            settings.put("reward-range", RewardRanges.word(rewardRange));
        }
        if (dropThin) {
            settings.put("drop-thin", "yes");
        }
        return settings;
    }
}
