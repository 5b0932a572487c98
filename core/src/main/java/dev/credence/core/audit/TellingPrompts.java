package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Of the prompts that pass by, keeps all while they are few, and else those that tell most; memory does not grow with the others. */
final class TellingPrompts implements Consumer<PromptAudit> {
    private static final int DEPARTING = 200;
    private static final int WEAKEST = 100;

    /** A prompt at its place, with what it is chosen by: the larger, the more telling. */
    private record Ranked(int place, double rank, PromptAudit prompt) {
        /** The least telling first; among equals the last. */
        static final Comparator<Ranked> LEAST = Comparator.comparingDouble(Ranked::rank)
                .thenComparing(Comparator.comparingInt(Ranked::place).reversed());
    }

    private final List<PromptAudit> few = new ArrayList<>();
    private final PriorityQueue<Ranked> departing = new PriorityQueue<>(Ranked.LEAST);
    private final PriorityQueue<Ranked> weakest = new PriorityQueue<>(Ranked.LEAST);
    private int all;

    @Override
    public void accept(PromptAudit prompt) {
        if (all < OmittedPrompts.MOST) {
            few.add(prompt);
        } else if (all == OmittedPrompts.MOST) {
            few.clear();
        }
        offer(departing, DEPARTING, new Ranked(all, share(prompt), prompt));
        // As many more as may have been chosen for their departure already.
        offer(weakest, WEAKEST + DEPARTING, new Ranked(all, weakness(prompt), prompt));
        all++;
    }

    private static void offer(PriorityQueue<Ranked> queue, int most, Ranked ranked) {
        if (ranked.rank == Double.NEGATIVE_INFINITY) {
            return;
        }
        queue.add(ranked);
        if (queue.size() > most) {
            queue.remove();
        }
    }

    private static double share(PromptAudit prompt) {
        Finding departure = prompt.findings().get("kl.departure");
        double share = departure == null ? Double.NaN : prompt.weight() * departure.estimate();
        return Double.isNaN(share) ? Double.NEGATIVE_INFINITY : share;
    }

    /** Exact tables know no weakness. */
    private static double weakness(PromptAudit prompt) {
        Finding size = prompt.findings().get("ess.mm");
        if (size == null) {
            return Double.NEGATIVE_INFINITY;
        }
        return Double.isNaN(size.estimate()) ? 0 : -size.estimate();
    }

    /** The prompts that are kept, in the order in which they passed. */
    List<PromptAudit> chosen() {
        return all <= OmittedPrompts.MOST ? List.copyOf(few) : List.copyOf(places().values());
    }

    private Map<Integer, PromptAudit> places() {
        Map<Integer, PromptAudit> chosen = new TreeMap<>();
        departing.forEach(ranked -> chosen.put(ranked.place, ranked.prompt));
        int most = chosen.size() + WEAKEST;
        weakest.stream().sorted(Ranked.LEAST.reversed()).forEach(ranked -> {
            if (chosen.size() < most) {
                chosen.putIfAbsent(ranked.place, ranked.prompt);
            }
        });
        return chosen;
    }

    /** What was left out, or null where nothing was. */
    @Nullable
    OmittedPrompts omitted(@Nullable String file) {
        if (all <= OmittedPrompts.MOST) {
            return null;
        }
        return new OmittedPrompts(all, departing.size(), places().size() - departing.size(), file);
    }
}
