package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The prompts of all steps, in the order in which the input names them, and where their records go. All workers' cells
 * are merged here, and what must hold across records is checked.
 */
final class LogCells {
    /** One prompt of one step. */
    static final class Cell {
        final String prompt;
        final WorkerTables.Context context;
        final TextReservoir priorTexts = new TextReservoir();
        final TextReservoir policyTexts = new TextReservoir();
        int count;
        int cut;

        /** Position of its first record in the whole log. */
        int from;

        private int next;

        private Cell(String prompt, WorkerTables.Context context) {
            this.prompt = prompt;
            this.context = context;
        }
    }

    private record StepPrompt(long step, String prompt) {}

    private static final TextReservoir TAKEN = new TextReservoir();

    private final List<Cell> all = new ArrayList<>();
    private final Map<String, FileCells> files = new LinkedHashMap<>();

    private final TreeMap<Long, List<Cell>> steps = new TreeMap<>();
    private final Map<StepPrompt, Cell> cells = new HashMap<>();
    private final Map<String, Cell> firstOfPrompt = new HashMap<>();
    private WorkerTables.@Nullable Context firstContext;

    /** Registers the records of all blocks and turns each one's cell into its position in the log. */
    LogCells(List<RecordBlock> blocks) {
        Cell[][] cellsOf = new Cell[blocks.size()][];
        for (int i = 0; i < cellsOf.length; i++) {
            cellsOf[i] = register(blocks.get(i));
            count(blocks.get(i), cellsOf[i]);
        }
        layOut();
        for (int i = 0; i < cellsOf.length; i++) {
            int[] position = blocks.get(i).cell;
            for (int j = 0; j < position.length; j++) {
                position[j] = cellsOf[i][position[j]].next++;
            }
        }
    }

    /** By step, in the order of the steps; a log without steps has one, 0. */
    Collection<List<Cell>> steps() {
        return Collections.unmodifiableCollection(steps.values());
    }

    /** All prompts of all steps, in the order of their records. */
    List<Cell> all() {
        return all;
    }

    /** What each file holds. */
    List<LogRead.FileRecords> files() {
        Map<Cell, Integer> owners = new HashMap<>();
        files.values().forEach(file -> file.policyCells.forEach(cell -> owners.merge(cell, 1, Integer::sum)));
        List<LogRead.FileRecords> records = new ArrayList<>();
        files.forEach((name, file) -> {
            boolean shared = file.policyCells.stream().anyMatch(cell -> owners.getOrDefault(cell, 0) > 1);
            long[] n = file.counts;
            records.add(new LogRead.FileRecords(name, n[RolloutLog.PRIOR], n[RolloutLog.POLICY], n[2], shared));
        });
        return List.copyOf(records);
    }

    /** The records of one file. */
    private static final class FileCells {
        private final long[] counts = new long[3]; // prior, policy, others
        private final Set<Cell> policyCells = Collections.newSetFromMap(new IdentityHashMap<>());

        void add(RecordBlock block, Cell[] found) {
            boolean[] policy = new boolean[found.length];
            for (int j = 0; j < block.size; j++) {
                int source = Math.min(block.source(j), 2);
                counts[source]++;
                policy[block.cell[j]] |= source == RolloutLog.POLICY;
            }
            for (int c = 0; c < found.length; c++) {
                if (policy[c]) {
                    policyCells.add(found[c]);
                }
            }
        }
    }

    private Cell[] register(RecordBlock block) {
        WorkerTables tables = block.tables;
        Cell[] found = new Cell[block.cells.length];
        for (int i = 0; i < found.length; i++) {
            int number = block.cells[i];
            String prompt = tables.prompts.text(tables.cellPrompt.get(number));
            WorkerTables.Context context = tables.contexts.get(tables.cellContext.get(number));
            Cell cell = cells.computeIfAbsent(new StepPrompt(context.step(), prompt), key -> newCell(prompt, context));
            check(cell, context, block.file, block.cellLines[i]);
            cell.priorTexts.addAll(tables.priorTexts.set(number, TAKEN));
            cell.policyTexts.addAll(tables.policyTexts.set(number, TAKEN));
            found[i] = cell;
        }
        return found;
    }

    private Cell newCell(String prompt, WorkerTables.Context context) {
        Cell cell = new Cell(prompt, context);
        steps.computeIfAbsent(context.step(), key -> new ArrayList<>()).add(cell);
        return cell;
    }

    private void check(Cell cell, WorkerTables.Context context, String file, long line) {
        WorkerTables.Context first = firstContext == null ? context : firstContext;
        firstContext = first;
        if (first.hasStep() != context.hasStep()) {
            String found = context.hasStep() ? Long.toString(context.step()) : "missing";
            throw new InputException(file, line, Field.STEP.key(), found, "either every record has a step or none");
        }
        if (Double.isNaN(first.weight()) != Double.isNaN(context.weight())) {
            throw badWeight(file, line, context, "either every record has a prompt_weight or none");
        }
        Cell earlier = firstOfPrompt.computeIfAbsent(cell.prompt, key -> cell);
        if (earlier.context.heldOut() != context.heldOut()) {
            String found = context.heldOut() ? "heldout" : "train";
            String rule = "a prompt is in one split; " + quoted(cell) + " was in the other";
            throw new InputException(file, line, Field.SPLIT.key(), found, rule);
        }
        if (Double.compare(earlier.context.weight(), context.weight()) != 0) {
            String rule = "a prompt has one weight; that of " + quoted(cell) + " was " + earlier.context.weight();
            throw badWeight(file, line, context, rule);
        }
    }

    private static String quoted(Cell cell) {
        return '"' + BadRecord.shown(cell.prompt) + '"';
    }

    private static InputException badWeight(String file, long line, WorkerTables.Context context, String rule) {
        String found = Double.isNaN(context.weight()) ? "missing" : Double.toString(context.weight());
        return new InputException(file, line, Field.PROMPT_WEIGHT.key(), found, rule);
    }

    private void count(RecordBlock block, Cell[] found) {
        files.computeIfAbsent(block.file, name -> new FileCells()).add(block, found);
        int[] counts = new int[found.length];
        int[] cuts = new int[found.length];
        for (int j = 0; j < block.size; j++) {
            counts[block.cell[j]]++;
            cuts[block.cell[j]] += (block.source[j] & RecordBlock.CUT) >>> 7;
        }
        for (int c = 0; c < found.length; c++) {
            found[c].count += counts[c];
            found[c].cut += cuts[c];
        }
    }

    private void layOut() {
        int from = 0;
        for (List<Cell> step : steps.values()) {
            for (Cell cell : step) {
                all.add(cell);
                cell.from = from;
                cell.next = from;
                from += cell.count;
            }
        }
    }
}
