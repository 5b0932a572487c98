package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was read.
 *
 * @param steps one log a training step, in the order of the steps; a single one where the log has no steps
 * @param inputs the files, with their hashes
 * @param skipped the records that broke a rule and were left out
 * @param unweighted records of other sources that name no {@code logp_source}, and so were left out
 * @param files what each file holds, in the order of the input
 * @param oddities what was read otherwise than it is written
 */
public record LogRead(
        List<StepLog> steps,
        List<Provenance.Input> inputs,
        Skipped skipped,
        long unweighted,
        List<FileRecords> files,
        Oddities oddities) {
    /**
     * The log of one step.
     *
     * @param step the step, or null where the log has none
     * @param log its records
     */
    public record StepLog(@Nullable Long step, RolloutLog log) {}

    /**
     * Records that broke a rule.
     *
     * @param count how many
     * @param first what was wrong with the first ones, as an error would say it
     */
    public record Skipped(long count, List<String> first) {
        /** How many are listed. */
        public static final int LISTED = 20;
    }

    /**
     * How many records a file holds, by source.
     *
     * @param name the file
     * @param prior draws of the prior
     * @param policy draws of the policy
     * @param other draws of other sources
     * @param shared whether another file has policy draws for one of the same prompts and steps
     * @serial exclude
     */
    public record FileRecords(String name, long prior, long policy, long other, boolean shared)
            implements Serializable {}

    /**
     * Numbers such as −9999 in the place of −∞.
     *
     * @param count how many records have one; each was read as −∞
     * @param first the first, with file, line and value, or empty
     */
    public record Sentinels(long count, String first) {}

    /**
     * What was read otherwise than it is written.
     *
     * @param sentinels numbers in the place of −∞
     * @param partialRewards rewards that some records lack, and where the first one does ({@code file:line}); they are not
     *     among the log's rewards
     * @param notes further sentences for whoever reads the figures
     */
    public record Oddities(Sentinels sentinels, Map<String, String> partialRewards, List<String> notes) {}

    /**
     * The refusal of a log of which no record is left.
     *
     * @param name the file
     * @param skipped the records that broke a rule and were left out
     * @param unweighted how many of other sources name no {@code logp_source}
     * @param leftOut the source of the first of those, or empty
     * @return the exception, to be thrown
     */
    public static InputException nothing(String name, Skipped skipped, long unweighted, String leftOut) {
        if (unweighted > 0) {
            return new InputException(
                    name,
                    0,
                    Field.SOURCE.key(),
                    "'" + leftOut + "' in the first of " + FigureFormat.counted(unweighted, "record")
                            + ", and none has a logp_source",
                    "the sources that need none are written prior and policy; say which word means which with the setting"
                            + " value: " + leftOut + "=prior");
        }
        String found =
                skipped.count() > 0 ? String.format(Locale.ROOT, "no good record among %,d", skipped.count()) : "empty";
        String first = skipped.first().isEmpty()
                ? ""
                : "; the first of them: " + skipped.first().get(0);
        return new InputException(name, 0, "", found, "a log has at least one record" + first);
    }

    /** {@return the number of records, over all steps} */
    public long records() {
        return steps.stream().mapToLong(step -> step.log().size()).sum();
    }

    /**
     * Files that hold draws of different policies, as far as their names tell, for the same prompts and steps. Pooled they
     * are audited as one policy that nobody trained, so a caller asks first: whether they are meant to be taken together, or
     * one audit each. Names that differ in no more than a part's number ({@code part-3}, {@code 00001-of-00008}) are of one
     * policy; prior draws of several files are always of one prior.
     *
     * @return their names, in the order of the input; empty where there is no doubt
     */
    public List<String> differentPolicies() {
        return differentPolicies(files);
    }

    /**
     * The same of some files.
     *
     * @param files what each holds
     * @return names of those that hold draws of different policies, as far as their names tell; empty where there is no doubt
     */
    public static List<String> differentPolicies(List<FileRecords> files) {
        List<String> names = files.stream()
                .filter(FileRecords::shared)
                .map(FileRecords::name)
                .toList();
        return PolicyNames.differ(names) ? names : List.of();
    }

    /** {@return sentences that a reader of the figures must see, each for itself} */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (oddities.sentinels.count > 0) {
            warnings.add(String.format(
                    "%,d log-probabilities such as -9999 stand for -inf and were read so; the first is %s",
                    oddities.sentinels.count, oddities.sentinels.first));
        }
        new TreeMap<>(oddities.partialRewards)
                .forEach((name, place) -> warnings.add("reward " + name + " is not on every record (first missing at "
                        + place + ") and was left out"));
        warnings.addAll(oddities.notes);
        return warnings;
    }
}
