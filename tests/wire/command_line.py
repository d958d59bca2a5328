"""The AWS CLI as a process."""

import json
import os
import subprocess

import serving

AWS = "/usr/bin/aws"  # Debian's, before any other that PATH may have


class Cli:
    def __init__(self, endpoint, folder):
        self.folder = folder
        self.options = [] if endpoint is None else [
            "--endpoint-url", endpoint, "--region", serving.REGION]
        self.environment = {"AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true",
                            "NO_PROXY": "127.0.0.1,localhost"}
        if endpoint is not None:
            self.environment.update(AWS_ACCESS_KEY_ID="rehearsal",
                                    AWS_SECRET_ACCESS_KEY="rehearsal",
                                    AWS_CONFIG_FILE=os.devnull,
                                    AWS_SHARED_CREDENTIALS_FILE=os.devnull)
        self.environment = serving.clean_environment(**self.environment) if endpoint else {
            **os.environ, **self.environment}

    def run(self, *arguments):
        return subprocess.run(
            [AWS, "dynamodb", *arguments, *self.options], cwd=self.folder, text=True,
            env=self.environment, capture_output=True, timeout=120)

    def __call__(self, *arguments):
        """What it printed, which is JSON unless another output is asked for."""
        result = self.run(*arguments)
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        if "--output" in arguments:
            return result.stdout
        return json.loads(result.stdout) if result.stdout else None

    def file(self, name, content):
        (self.folder / name).write_text(json.dumps(content))
        return f"file://{name}"
