package dev.credence.core.audit;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Of the prompts that pass by, keeps all while they are few, and else those that tell most; memory does not grow with the others. */
final class TellingPrompts implements Consumer<PromptAudit> {
    private static final int DEPARTING = 200;
    private static final int WEAKEST = 100;

    /**
     * What a prompt is chosen by.
     *
     * @param departure its {@code kl.departure}, nats
     * @param ess its {@code ess.mm}
     * @serial exclude
     */
    record Own(double departure, double ess) implements Serializable {
        /** Of a prompt of a log, without its other figures. */
        static Own of(PromptAtoms member) {
            PromptPool pool = new PromptPool(List.of(member));
            double lambda = MomentMatch.solve(pool);
            AtomTilt tilt = AtomTilt.of(member.atoms(), member.moments(), Double.isNaN(lambda) ? 0 : lambda);
            double departure = Estimates.divergence(Estimates.departure(pool, new AtomTilt[] {tilt}));
            return new Own(departure, Overlap.ess(member.atoms(), tilt));
        }
    }

    /** A prompt at its place, with what it is chosen by: the larger, the more telling. */
    private record Ranked(int place, double rank, @Nullable PromptAudit prompt) {
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
        see(share(prompt), weakness(prompt), prompt);
    }

    /** Sees a prompt that is audited only if it is chosen. */
    void see(double weight, Own own) {
        see(share(weight, own.departure), weakness(own.ess), null);
    }

    private void see(double share, double weakness, @Nullable PromptAudit prompt) {
        offer(departing, DEPARTING, new Ranked(all, share, prompt));
        // As many more as may have been chosen for their departure already.
        offer(weakest, WEAKEST + DEPARTING, new Ranked(all, weakness, prompt));
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
        return departure == null ? Double.NEGATIVE_INFINITY : share(prompt.weight(), departure.estimate());
    }

    private static double share(double weight, double departure) {
        double share = weight * departure;
        return Double.isNaN(share) ? Double.NEGATIVE_INFINITY : share;
    }

    /** Exact tables know no weakness. */
    private static double weakness(PromptAudit prompt) {
        Finding size = prompt.findings().get("ess.mm");
        if (size == null) {
            return Double.NEGATIVE_INFINITY;
        }
        return weakness(size.estimate());
    }

    private static double weakness(double ess) {
        return Double.isNaN(ess) ? 0 : -ess;
    }

    /** The prompts that are kept, in the order in which they passed. */
    List<PromptAudit> chosen() {
        return all <= OmittedPrompts.MOST
                ? List.copyOf(few)
                : ranked().values().stream()
                        .map(ranked -> Objects.requireNonNull(ranked.prompt))
                        .toList();
    }

    /** The places of more prompts than are held that are chosen, upwards. */
    int[] places() {
        return ranked().keySet().stream().mapToInt(Integer::intValue).toArray();
    }

    private Map<Integer, Ranked> ranked() {
        Map<Integer, Ranked> chosen = new TreeMap<>();
        departing.forEach(ranked -> chosen.put(ranked.place, ranked));
        int most = chosen.size() + WEAKEST;
        weakest.stream().sorted(Ranked.LEAST.reversed()).forEach(ranked -> {
            if (chosen.size() < most) {
                chosen.putIfAbsent(ranked.place, ranked);
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
        return new OmittedPrompts(all, departing.size(), ranked().size() - departing.size(), file);
    }
}
