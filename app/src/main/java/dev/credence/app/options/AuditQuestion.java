package dev.credence.app.options;

import dev.credence.core.audit.AuditOptions;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.posterior.Aim;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.ComputedRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What an audit is asked, by options that logs and tables share. */
public final class AuditQuestion {
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

    /** For the parser, which fills the fields. */
    public AuditQuestion() {}

    /**
     * What is asked of a policy that a method with an aim made, or of any.
     *
     * @param aim the method's, or null
     * @param seed of what is drawn
     * @return the request
     */
    public AuditRequest request(@Nullable Aim aim, long seed) {
        AuditRequest request = AuditRequest.standard()
                .ofType(asked.rewardType())
                .withCandidates(candidates.toArray(String[]::new))
                .aimedAt(aim)
                .seeded(seed);
        Double beta = asked.beta();
        String reward = asked.reward();
        request = beta == null ? request : request.atBeta(beta);
        request = reward == null ? request : request.ofReward(reward);
        request = rewardRange == null ? request : request.within(rewardRange.lowest(), rewardRange.highest());
        return dropThin ? request.droppingThin() : request;
    }

    /**
     * What is asked of a policy that is held against evidence.
     *
     * @param evidence about the reward, as the user typed it
     * @param seed of what is drawn
     * @return the request
     */
    public AuditRequest requestOn(String evidence, long seed) {
        AuditRequest request = request(null, seed).onEvidence(evidence);
        return request.ofType(asked.rewardType(request.reward()));
    }

    /** {@return what the reward is} */
    public RewardType rewardType() {
        return asked.rewardType();
    }

    /**
     * What the provenance says of it.
     *
     * @param name of the reward that was audited
     * @return name and value of each setting
     */
    public Map<String, String> settings(String name) {
        Map<String, String> settings = new LinkedHashMap<>();
        Double beta = asked.beta();
        settings.put("beta", beta == null ? "not given" : String.valueOf(beta));
        settings.put("reward", name);
        if (asked.reward() != null && !asked.reward().equals(name)) {
            settings.put("reward as given", asked.reward());
        }
        settings.put("reward-type", asked.rewardType().word());
        if (!candidates.isEmpty()) {
            settings.put("candidates", String.join(", ", candidates));
        }
        if (rewardRange != null) {
            settings.put("reward-range", ComputedRange.word(rewardRange));
        }
        if (dropThin) {
            settings.put("drop-thin", "yes");
        }
        return settings;
    }

    /** The range of a reward as a user declares it. */
    static final class RewardRanges implements ITypeConverter<AuditOptions.Range> {
        private static final String NUMBER = "([-+]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:[eE][-+]?\\d+)?)";
        private static final Pattern RANGE = Pattern.compile(NUMBER + "\\.\\." + NUMBER);

        @Override
        public AuditOptions.Range convert(String text) {
            Matcher range = RANGE.matcher(text.trim());
            if (!range.matches()) {
                throw new TypeConversionException("'" + text + "' is not A..B, two numbers such as 0..1");
            }
            double lowest = TypedNumber.of(range.group(1));
            double highest = TypedNumber.of(range.group(2));
            if (!(lowest <= highest) || !(Math.abs(lowest) + Math.abs(highest) <= Double.MAX_VALUE)) {
                throw new TypeConversionException("'" + text + "' is not A..B with A up to B, both finite");
            }
            return new AuditOptions.Range(lowest, highest);
        }
    }
}
