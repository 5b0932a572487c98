package dev.credence.app.demo;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.InputFiles;
import dev.credence.data.rollouts.LogRead;
import dev.credence.data.rollouts.ReadOptions;
import dev.credence.data.rollouts.RolloutLogReader;
import dev.credence.lab.audits.LogAudit;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * The log that ships with Credence: a small language model, tuned by TRL's RLOO at β = 0.05.
 *
 * @param described how many records of what
 * @param input its name and hash
 * @param audit of its only step
 */
record DemoLog(String described, Provenance.Input input, StepAudit audit) {
    static final String NAME = "rloo-beta0.05.jsonl.zst";
    static final double BETA = 0.05;
    static final String REWARD = "reward";

    private static final String RESOURCE = "/dev/credence/app/demo/" + NAME;

    static DemoLog audited(long seed) throws IOException {
        try (InputStream in = DemoLog.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("resource " + RESOURCE + " is not in this build");
            }
            LogRead read =
                    new RolloutLogReader(ReadOptions.standard(seed), in).read(List.of(InputFiles.STANDARD_INPUT));
            RolloutLog log = read.steps().get(0).log();
            Provenance.Input stored = read.inputs().get(0);
            Provenance.Input input = new Provenance.Input("builtin:" + NAME, stored.bytes(), stored.sha256());
            AuditOptions options = new AuditOptions(BETA, REWARD, RewardType.SCORE, List.of(REWARD), null, seed);
            return new DemoLog(LogAudit.describe(read), input, Audit.of(log, options));
        }
    }
}
