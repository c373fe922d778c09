"""The document of the watch (監視計画) of a project: from its file to the rules that hold."""
