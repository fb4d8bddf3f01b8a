package dev.neurath.persistence.kryo;

/** Marks messages between nodes of the cluster, which travel through {@link KryoSerializer} and are never stored. */
public interface NodeMessage {}
