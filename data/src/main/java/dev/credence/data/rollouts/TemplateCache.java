package dev.credence.data.rollouts;

import java.util.List;

/** The shapes of the records seen last, the most recent first. */
final class TemplateCache {
    private static final int CAPACITY = 8;

    /** A log that has ever new shapes is left to the slow parser. */
    private static final int MOST_LEARNED = 64;

    private final PathIndex paths;
    private final SlotReader values;
    private final RecordTemplate[] templates = new RecordTemplate[CAPACITY];
    private int size;
    private int learned;

    TemplateCache(PathIndex paths, SlotReader values) {
        this.paths = paths;
        this.values = values;
    }

    /** Reads a line of a known shape: its end, or −1. */
    int match(byte[] b, int from, int limit, RolloutRecord record) {
        for (int i = 0; i < size; i++) {
            RecordTemplate template = templates[i];
            int end = template.match(values, b, from, limit, record);
            if (end >= 0) {
                if (i > 0) {
                    System.arraycopy(templates, 0, templates, 1, i);
                    templates[0] = template;
                }
                return end;
            }
        }
        return -1;
    }

    /** Learns the shape of a line that the slow parser has accepted. */
    void learn(List<String> rewardNames, byte[] b, int from, int to) {
        if (learned == MOST_LEARNED) {
            return;
        }
        RecordTemplate template = TemplateBuilder.of(paths, rewardNames, b, from, to);
        if (template == null || isKnown(template)) {
            return;
        }
        learned++;
        size = Math.min(size + 1, CAPACITY);
        System.arraycopy(templates, 0, templates, 1, size - 1);
        templates[0] = template;
    }

    private boolean isKnown(RecordTemplate template) {
        for (int i = 0; i < size; i++) {
            if (templates[i].sameShape(template)) {
                return true;
            }
        }
        return false;
    }
}
