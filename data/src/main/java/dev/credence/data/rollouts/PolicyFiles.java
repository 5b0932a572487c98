package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Finds the files whose policy records are pooled: those of one prompt and step that stand in several files. */
final class PolicyFiles {
    /** Whose records are pooled. */
    private record StepPrompt(long step, String prompt) {}

    private PolicyFiles() {}

    /**
     * The files that are pooled.
     *
     * @param blocks as read, before their records have been moved
     * @return names, sorted; none where each prompt's policy records of a step stand in one file
     */
    static List<String> pooled(List<RecordBlock> blocks) {
        Map<StepPrompt, String> first = new HashMap<>();
        Set<String> pooled = new TreeSet<>();
        for (RecordBlock block : blocks) {
            WorkerTables tables = block.tables;
            for (int cell : cellsOfPolicy(block)) {
                int number = block.cells[cell];
                StepPrompt key = new StepPrompt(
                        tables.contexts.get(tables.cellContext.get(number)).step(),
                        tables.prompts.text(tables.cellPrompt.get(number)));
                String earlier = first.putIfAbsent(key, block.file);
                if (earlier != null && !earlier.equals(block.file)) {
                    pooled.add(earlier);
                    pooled.add(block.file);
                }
            }
        }
        return List.copyOf(pooled);
    }

    private static int[] cellsOfPolicy(RecordBlock block) {
        boolean[] has = new boolean[block.cells.length];
        for (int i = 0; i < block.size; i++) {
            has[block.cell[i]] |= (block.source[i] & ~RecordBlock.CUT) == RolloutLog.POLICY;
        }
        return IntStream.range(0, has.length).filter(c -> has[c]).toArray();
    }
}
