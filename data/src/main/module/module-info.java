/** Rollout logs, corpora, rewards, the store of runs, files of settings. */
module dev.credence.data {
    requires static org.jspecify;
    requires transitive dev.credence.core;
    requires java.net.http;
    requires java.sql;
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires com.fasterxml.jackson.dataformat.yaml;
    requires com.github.luben.zstd_jni;
    requires duckdb.jdbc;

    exports dev.credence.data.audits;
    exports dev.credence.data.corpora;
    exports dev.credence.data.rewards;
    exports dev.credence.data.rollouts;
    exports dev.credence.data.runs;
    exports dev.credence.data.files to
            dev.credence.lab,
            dev.credence.app,
            dev.credence.bench,
            dev.credence.spark;
    exports dev.credence.data.json to
            dev.credence.lab,
            dev.credence.app,
            dev.credence.bench,
            dev.credence.spark;
    exports dev.credence.data.settings to
            dev.credence.lab,
            dev.credence.app,
            dev.credence.bench,
            dev.credence.spark;

    uses dev.credence.data.rewards.RewardKind;
}
