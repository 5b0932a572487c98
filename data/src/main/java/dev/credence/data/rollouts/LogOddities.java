package dev.credence.data.rollouts;

import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NearestName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the chunks of a log hold that is read otherwise than it is written, in the order of the input. */
final class LogOddities {
    private static final List<String> OWN = List.of("prior", "policy");

    private final Map<String, String> missing = new LinkedHashMap<>();
    private long sentinels;
    private String firstSentinel = "";
    private String leftOut = "";

    void add(LogWorker.Oddities chunk) {
        if (sentinels == 0) {
            firstSentinel = chunk.firstSentinel();
        }
        sentinels += chunk.sentinels();
        leftOut = leftOut.isEmpty() ? chunk.leftOut() : leftOut;
        chunk.missing().forEach(missing::putIfAbsent);
    }

    /** The source of the first record that was left out for want of {@code logp_source}, or empty. */
    String leftOut() {
        return leftOut;
    }

    /**
     * The rewards that every record has; the columns of the others are taken out of the blocks.
     *
     * @throws InputException if the log has rewards, but none on every record, and none is computed
     */
    RewardNames complete(RewardNames names, List<RecordBlock> blocks) {
        List<Integer> kept = new ArrayList<>();
        List<String> own = new ArrayList<>();
        for (int k = 0; k < names.own().size(); k++) {
            if (!missing.containsKey(names.own().get(k))) {
                kept.add(k);
                own.add(names.own().get(k));
            }
        }
        if (own.isEmpty() && !names.own().isEmpty() && names.computed().isEmpty()) {
            String name = names.own().get(0);
            String place = missing.getOrDefault(name, "");
            int colon = place.lastIndexOf(':');
            throw new InputException(
                    place.substring(0, colon),
                    Long.parseLong(place.substring(colon + 1)),
                    "reward." + name,
                    "missing",
                    "the reward that is audited is on every record, and none is");
        }
        if (own.size() < names.own().size()) {
            for (int k = names.own().size(); k < names.all().size(); k++) {
                kept.add(k);
            }
            for (RecordBlock block : blocks) {
                block.rewards =
                        kept.stream().map(column -> block.rewards[column]).toArray(double[][]::new);
            }
        }
        return new RewardNames(own, names.computed());
    }

    LogRead.Oddities of(List<String> notes) {
        List<String> all = new ArrayList<>(notes);
        String meant = NearestName.of(leftOut.strip().toLowerCase(Locale.ROOT), OWN);
        if (meant != null) {
            all.add("records whose source is '" + leftOut + "' were left out; did you mean '" + meant + "'?");
        }
        return new LogRead.Oddities(
                new LogRead.Sentinels(sentinels, firstSentinel),
                Collections.unmodifiableMap(new LinkedHashMap<>(missing)),
                List.copyOf(all));
    }
}
