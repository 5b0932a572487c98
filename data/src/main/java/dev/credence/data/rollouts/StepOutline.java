package dev.credence.data.rollouts;

import dev.credence.core.probability.WeightSum;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What there is to know of all parts of a step before they are put together: by whom its prompts are audited where one process has no
 * room for all records, and what these must agree on. It grows with prompts and not with records.
 *
 * @serial exclude
 */
public final class StepOutline implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Where a prompt is first met: the number of the file, and its place among the part's prompts. */
    private static final Comparator<Entry> FIRST_MET =
            Comparator.<Entry>comparingInt(entry -> entry.number).thenComparingInt(entry -> entry.place);

    private static final class Entry implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String text;
        private final WorkerTables.Context context;
        private int number;
        private int place;
        private long records;

        Entry(String text, WorkerTables.Context context, int number, int place) {
            this.text = text;
            this.context = context;
            this.number = number;
            this.place = place;
        }
    }

    private final HashMap<String, Entry> prompts = new HashMap<>();
    private final List<String> computed;
    private int firstNumber = Integer.MAX_VALUE;
    private List<String> firstRewards = List.of();
    private @Nullable HashSet<String> whole; // rewards that every record has
    private boolean tokens = true;
    private boolean klTokens;
    private boolean groups;
    private boolean texts;
    private boolean isPlain = true;
    private long records;

    /**
     * An outline of nothing yet.
     *
     * @param computed names of the rewards that are computed while reading
     */
    StepOutline(List<String> computed) {
        this.computed = List.copyOf(computed);
    }

    /**
     * Takes a part in.
     *
     * @param part of the step, in any order
     */
    public void add(LogPart part) {
        records += part.records();
        if (part.number() < firstNumber) {
            firstNumber = part.number();
            firstRewards = part.rewardNames();
        }
        Set<String> own = new HashSet<>(part.rewardNames());
        own.removeIf(name -> !part.isWhole(name));
        if (whole == null) {
            whole = new HashSet<>(own);
        } else {
            whole.retainAll(own);
        }
        tokens &= part.hasTokens();
        klTokens |= part.hasKlTokens();
        groups |= part.hasGroups();
        texts |= part.hasText();
        isPlain &= part.isPlain();
        part.eachPrompt((place, text, context, count) -> {
            Entry entry = prompts.computeIfAbsent(text, any -> new Entry(text, context, part.number(), place));
            isPlain &= entry.context.equals(context);
            if (part.number() < entry.number || (part.number() == entry.number && place < entry.place)) {
                entry.number = part.number();
                entry.place = place;
            }
            entry.records += count;
        });
    }

    /** {@return how many records the step has} */
    public long records() {
        return records;
    }

    /**
     * Whether several processes may audit the step, each some of its prompts: its records are of prior and policy alone, every draw of
     * which was kept, and do not contradict each other. Of any other step one process says what is wrong, or audits it.
     *
     * @return whether they may
     */
    public boolean canBeShared() {
        boolean weighted = prompts.values().stream().allMatch(entry -> !Double.isNaN(entry.context.weight()));
        boolean unweighted = prompts.values().stream().allMatch(entry -> Double.isNaN(entry.context.weight()));
        boolean trained = prompts.values().stream().anyMatch(entry -> !entry.context.heldOut());
        return isPlain
                && (weighted || unweighted)
                && trained
                && prompts.size() > 1
                && !rewards().isEmpty();
    }

    /** The first part's own rewards that every record has; those that are computed too where there are no others. */
    private List<String> rewards() {
        List<String> settled = firstRewards.subList(0, firstRewards.size() - computed.size());
        List<String> own = settled.stream()
                .filter(Objects.requireNonNullElse(whole, new HashSet<String>())::contains)
                .toList();
        return own.isEmpty() && settled.isEmpty() ? computed : own;
    }

    /** What holds of every record, as {@link PartReader#join} says it. */
    PartReader.Agreement agreement() {
        List<String> own = new ArrayList<>(rewards());
        if (firstRewards.size() == computed.size()) {
            own.clear();
        }
        return new PartReader.Agreement(
                firstNumber, List.copyOf(own), tokens, klTokens, groups, texts, Set.of(), List.of());
    }

    /** The prompts in the order in which the step's files name them. */
    private List<Entry> ordered() {
        return prompts.values().stream().sorted(FIRST_MET).toList();
    }

    /** What must be the same of each prompt in all steps. */
    List<PartReader.PromptContext> contexts() {
        return ordered().stream()
                .map(entry -> PartReader.PromptContext.of(entry.text, entry.context))
                .toList();
    }

    /** {@return how many prompts there are} */
    public int size() {
        return prompts.size();
    }

    /** By prompt its share of the overall means. */
    Map<String, Double> weights() {
        List<Entry> ordered = ordered();
        boolean weighted = !Double.isNaN(ordered.get(0).context.weight());
        WeightSum total = WeightSum.of(ordered.stream()
                .mapToDouble(entry -> weighted ? entry.context.weight() : 1)
                .toArray());
        Map<String, Double> weights = new HashMap<>();
        ordered.forEach(entry -> weights.put(entry.text, total.share(weighted ? entry.context.weight() : 1)));
        return weights;
    }

    /**
     * Shares the prompts out, those that follow each other together, so that shares have about as many records.
     *
     * @param most how many shares there are at most; there are fewer where a prompt is as large as several
     * @return the share of each prompt, from 0; none is empty
     */
    public Shares shares(int most) {
        HashMap<String, Integer> of = new HashMap<>();
        long before = 0;
        int share = -1;
        long last = -1;
        for (Entry entry : ordered()) {
            long middle = 2 * before + entry.records; // of twice as many
            long wanted = middle * most / (2 * records);
            share += wanted > last ? 1 : 0;
            last = wanted;
            of.put(entry.text, share);
            before += entry.records;
        }
        return new Shares(of, share + 1);
    }

    /**
     * Who has which prompts of a step.
     *
     * @param of the share of each prompt
     * @param size how many shares there are
     * @serial exclude
     */
    public record Shares(HashMap<String, Integer> of, int size) implements Serializable {
        /**
         * Cuts a part.
         *
         * @param part of the step
         * @return (shares) what each has of it; null where it has nothing
         */
        public @Nullable LogPart[] cut(LogPart part) {
            return part.cut(text -> Objects.requireNonNull(of.get(text)), size);
        }
    }
}
